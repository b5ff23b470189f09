/** Passes lines on until `limit` characters have come, then says once that there is more. */
export const boundLog = (limit: number, onLog: (line: string) => void): ((line: string) => void) => {
  let left = limit;
  let isCut = false;
  return (line) => {
    if (isCut) return;
    if (line.length < left) {
      left -= line.length + 1;
      onLog(line);
      return;
    }
    isCut = true;
    if (left > 0) onLog(line.slice(0, left));
    onLog(`(More was written than the ${limit} characters that are kept of one try.)`);
  };
};
