// Makes the module of the streams in the script's literal. xtask/src/bundle/pack.rs packs it and explains the form; what
// has a name there is a bare number here where it is used once.

// The kinds of opcodes that are treated by name.
const LAST_END = 4;
const RAW = 5;
const LOCAL = 12;
const CONSTANT = 13;

// Reads the letters, and where each stream begins; whether all arrived as they were written. A function of its own:
// engines compile one that is busy while it runs, and this one is soon compiled.
function intact(literal, checksum, letters, places) {
  // Small all the time: an engine that has not yet compiled this makes an object of each number that is not.
  let sum = 0;
  let sums = 0;
  for (let at = 0; at < literal.length; ) {
    const letter = (letters[at] = literal.charCodeAt(at++));
    sums = (sums + (sum += letter)) & 0xfffffff;
    if (letter === 94) places.push(at);
  }
  return sums === checksum;
}

// The module's bytes, or null if the file was damaged on its way: read in another charset, or recoded by a proxy. What is
// checked is the letters as they came, so nothing damaged is ever unpacked.
export function unpack(literal, length, checksum) {
  const letters = new Uint16Array(literal.length);
  const places = [0];
  if (!intact(literal, checksum, letters, places)) return null;
  const bytes = new Uint8Array(length);
  let to = 0;
  const letter = (stream) => letters[places[stream]++];
  // An opcode's kind, above its byte. Behind the last one stands the mark between streams, which the table gives no kind.
  const entry = () => letters[letter(1) - 32];
  // A run of bytes; the last one is marked. The array takes of each what a byte holds.
  const copy = (stream) => {
    let byte;
    do bytes[to++] = byte = letter(stream);
    while (byte < 1024);
  };

  copy(2);
  // Where the function begins that is being written, behind the two bytes of its length.
  let begin = 0;
  for (let next = entry(); next > 255; ) {
    if (!begin) {
      begin = to += 2;
      copy(4);
    }
    const kind = next >> 8;
    bytes[to++] = next;
    next = entry();
    // Loads and stores have an alignment, which is 0.
    if (kind === 6 || kind === 7) to++;
    if (kind === LAST_END) {
      bytes[begin - 2] = (to - begin) | 128;
      bytes[begin - 1] = (to - begin) >> 7;
      begin = 0;
    } else if (kind > LAST_END) {
      // Variables and constants are sorted by what follows.
      let number = kind === RAW ? 0 : letter(kind < LOCAL ? kind : (kind - 11) * 14 + (next >> 8));
      if (number < 35) copy(RAW);
      else {
        number = kind === LOCAL ? (number * 29 + 45) % 57 : number < 2048 ? number - 35 : number + 0xff800;
        for (; number >= (kind === CONSTANT ? 64 : 128); number >>= 7) bytes[to++] = number | 128;
        bytes[to++] = number;
      }
    }
  }
  copy(3);
  return bytes;
}
