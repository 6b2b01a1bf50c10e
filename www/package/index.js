// The package's entry, for those who bundle: `import { init } from 'tollgate'`. It may be imported on a server, where it does nothing. The
// widget itself is a chunk of its own, imported when `init` is first called in a browser.

import { tag } from './tollgate.tag.js';

// What the loader reads of the tag itself, before there is a configuration.
const OF_THE_TAG = ['hashRouting', 'hold', 'allowFrame', 'debug'];

// The live object once it is there, and the settings that hold.
let running;
let written;

// The widget, on this page; null where there is none.
async function load() {
  await import('./tollgate.module.js');
  // In a frame it does not run, and the queue stays a list.
  const gate = window.tollgate;
  return gate && gate.getDecision ? gate : null;
}

// Begins with these settings, and gives `window.tollgate`; null on a server, in a frame, and where the widget could not be had. Called
// again it gives the same, and sets what has changed. Without settings those of the page's own script hold.
export async function init(settings) {
  if (!tag) return null;
  const own = { ...settings };
  const ofTheTag = OF_THE_TAG.map((name) => [name, own[name]]);
  for (const name of OF_THE_TAG) delete own[name];
  const text = JSON.stringify(own);
  const isNew = settings && text !== written;
  if (isNew) written = text;
  if (running) {
    const gate = await running;
    if (gate && isNew) gate.setConfig(own);
    return gate;
  }
  // Read as a page's own script of settings is.
  tag.settings = written;
  for (const [name, value] of ofTheTag) if (value) tag.dataset[name] = value === true ? '' : value;
  if (own.content) tag.dataset.content = own.content;
  running = load().catch((error) => {
    console.warn('[tollgate] could not be loaded; the article stays open', error);
    return null;
  });
  return running;
}

// Calls back with `window.tollgate`: before the first decision, or now if that is past. On a server nothing is called.
export function push(callback) {
  if (tag) (window.tollgate = window.tollgate || []).push(callback);
}
