/** How many versions a worker has loaded because they were asked, so far. */
export function loadsOf(url: string): Promise<number> {
  return read(url, 'presage_model_loads_total')
}

export function loadedVersionsOf(url: string): Promise<number> {
  return read(url, 'presage_loaded_versions')
}

async function read(url: string, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text()
  return Number(new RegExp(`^${name} (\\S+)`, 'm').exec(text)?.[1] ?? 0)
}
