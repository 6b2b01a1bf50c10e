// The script's own tag. Only set while the script first runs; a module or an evaluated text has none and is found by its name. An element
// of the page may have that name, too.

const { currentScript } = document;
export const tag =
  currentScript && currentScript.localName === 'script' ? currentScript : document.querySelector('script[src*="/tollgate"],script[src^=tollgate]');
