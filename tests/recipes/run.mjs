// Runs the testing recipe's examples (docs/recipes/testing.md) against a site of two articles with the built script. A line for each,
// and whatever it printed where it failed; the exit code says whether all passed.
//
// Beside it: `npm ci --ignore-scripts`, and a built www/dist. From the environment, where they are elsewhere: TOLLGATE_DIST,
// CHROMIUM, CHROMEDRIVER.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('.', import.meta.url));
const { TOLLGATE_DIST = join(folder, '../../www/dist'), CHROMIUM = '/usr/bin/chromium', CHROMEDRIVER = '/usr/bin/chromedriver' } =
  process.env;

// How long an example may take, in milliseconds.
const LONGEST = 120000;

const page = (name) => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>The ${name} story</title>
<link rel="canonical" href="/${name}.html">
<link rel="icon" href="data:,">
<script async src="/tollgate.js" data-site="recipes" data-publication="Recipes" data-limit="1"
  data-content="article .body" data-teaser="3p" data-plans="Annual access: 19.90/year"
  data-subscribe-url="/subscribe.html?plan={plan}&return={return_url}"></script>
<article><h1>The ${name} story</h1><div class="body">
${'<p>It was a plain day, and nothing was to be seen of what would come of it. The road lay in the sun, and nobody was on it.</p>\n'.repeat(8)}</div></article>
<div style="height: 200vh"></div>
</html>`;
const pages = { '/first.html': page('first'), '/second.html': page('second') };

const server = createServer(async ({ url }, response) => {
  const { pathname } = new URL(url, 'http://localhost');
  const type = pathname.endsWith('.js') ? 'text/javascript' : pathname.endsWith('.wasm') ? 'application/wasm' : 'text/html';
  try {
    const body = pages[pathname] || (await readFile(join(TOLLGATE_DIST, basename(pathname))));
    response.writeHead(200, { 'content-type': type + (type.endsWith('wasm') ? '' : '; charset=utf-8') }).end(body);
  } catch {
    response.writeHead(404).end();
  }
});

// Ends a program and all that it started: each is the leader of a group of its own.
function end(child) {
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // All of it has ended.
  }
}

async function run(name, SITE) {
  const began = Date.now();
  const child = spawn(process.execPath, [join(folder, name)], {
    detached: true,
    env: { ...process.env, SITE, CHROMIUM, CHROMEDRIVER },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running = child;
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (said += data));
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    end(child);
  }, LONGEST);
  const [code] = await once(child, 'exit');
  clearTimeout(timer);
  end(child);
  running = undefined;
  const passed = code === 0;
  console.log(`${name}: ${passed ? 'passed' : 'FAILED'}, ${((Date.now() - began) / 1000).toFixed(1)} s`);
  if (!passed) console.log(late ? `not done after ${LONGEST / 1000} s\n${said}` : said);
  return passed;
}

let running;
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    if (running) end(running);
    process.exit(1);
  });
}

await readFile(join(TOLLGATE_DIST, 'tollgate.js')).catch(() => {
  console.error(`There is no tollgate.js in ${TOLLGATE_DIST}: cargo xtask build`);
  process.exit(1);
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const site = `http://127.0.0.1:${server.address().port}`;
let failed = 0;
for (const name of ['playwright.mjs', 'selenium.mjs']) if (!(await run(name, site))) failed += 1;
server.close();
server.closeAllConnections();
process.exitCode = failed ? 1 : 0;
