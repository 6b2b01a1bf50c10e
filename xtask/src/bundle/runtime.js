// What the generated imports need to reach the module: wasm-bindgen's own helpers by the same names, without what serves
// other pages (making a module from a request or a response, engines without encodeInto, views kept across calls).

let wasm;
let WASM_VECTOR_LEN = 0;
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

function addToExternrefTable0(value) {
  const at = wasm.__externref_table_alloc();
  wasm.__wbindgen_externrefs.set(at, value);
  return at;
}

// Made anew at each call: memory that grows leaves old views empty.
function getDataViewMemory0() {
  return new DataView(wasm.memory.buffer);
}

function getStringFromWasm0(at, length) {
  return decoder.decode(new Uint8Array(wasm.memory.buffer, at >>> 0, length));
}

function handleError(call, values) {
  try {
    return call(...values);
  } catch (error) {
    wasm.__wbindgen_exn_store(addToExternrefTable0(error));
  }
}

function isLikeNone(value) {
  return value == null;
}

function passStringToWasm0(text, malloc) {
  const bytes = new TextEncoder().encode(text);
  const at = malloc((WASM_VECTOR_LEN = bytes.length), 1) >>> 0;
  new Uint8Array(wasm.memory.buffer).set(bytes, at);
  return at;
}

// Takes up the module's instance.
function finish(instance) {
  wasm = instance.exports;
  wasm.__wbindgen_start();
}

export { __wbg_get_imports as imports, finish };
