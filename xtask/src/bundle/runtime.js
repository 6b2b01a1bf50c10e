// What the generated imports need to reach the module: wasm-bindgen's own helpers by the same names, without what serves
// other pages (making a module from a request or a response, engines without encodeInto, views kept across calls).

let wasm;
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

function addToExternrefTable0(value) {
  const at = wasm.__externref_table_alloc();
  wasm.__wbindgen_externrefs.set(at, value);
  return at;
}

function getStringFromWasm0(at, length) {
  return decoder.decode(new Uint8Array(wasm.memory.buffer, at >>> 0, length));
}

// Makes of an import one whose errors go to the module.
function caught(call) {
  return (...values) => {
    try {
      return call(...values);
    } catch (error) {
      wasm.__wbindgen_exn_store(addToExternrefTable0(error));
    }
  };
}

function isLikeNone(value) {
  return value == null;
}

// Writes a text into the module's memory, in one piece (it is short, and rarely all ASCII), and where it is to `to`: two
// numbers, the first of them 0 for none. Views are made anew: memory that grows leaves old ones empty.
function giveText(to, text) {
  const bytes = encoder.encode(isLikeNone(text) ? '' : text);
  const at = isLikeNone(text) ? 0 : wasm.__wbindgen_malloc(bytes.length, 1);
  new Uint8Array(wasm.memory.buffer).set(bytes, at >>> 0);
  new Int32Array(wasm.memory.buffer).set([at, bytes.length], to >>> 2);
}

// Takes up the module's instance.
function finish(instance) {
  wasm = instance.exports;
  wasm.__wbindgen_start();
}

// Makes a further piece of the module. What it imports from the first is called `b` (names.rs); `more` makes what it alone imports.
function join(module, more) {
  const { a } = __wbg_get_imports();
  return WebAssembly.instantiate(module, { a: { ...a, ...(more && more(getStringFromWasm0, giveText, caught)) }, b: wasm });
}

export { __wbg_get_imports as imports, encoder, finish, join };
