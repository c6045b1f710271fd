/** Whether this server has the IDE at `/`, as it wrote into the page. */
export const hasIde = document.documentElement.hasAttribute('data-ide')
