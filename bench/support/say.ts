// Progress on standard error, a line at a time, with the time of day (UTC).

export const say = (line: string): void =>
  void process.stderr.write(`${new Date().toISOString().slice(11, 19)}  ${line}\n`)
