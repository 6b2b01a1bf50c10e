// What both page benchmarks need: the command line's arguments, and medians.

// What stands behind `--name` on the command line, as text; else `otherwise`.
export const argument = (name, otherwise) => {
  const place = process.argv.indexOf('--' + name);
  return place < 0 ? otherwise : process.argv[place + 1];
};

// The middle of some numbers; between the two in the middle where they are even.
export const median = (values) => {
  const sorted = [...values].sort((one, other) => one - other);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
};
