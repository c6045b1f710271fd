/** Whether the text is an http or https URL and not a file. */
export function isUrl(text: string): boolean {
  return /^https?:/i.test(text)
}
