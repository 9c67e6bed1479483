import { openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";

/**
 * Opens a file that holds a text and has no name, to be a program's standard input, and returns its descriptor. The program can open it again as
 * /dev/stdin, which no stream of Node's allows: that is a socket. Nobody else can, and it is gone with the last who has it open, however they end.
 * @param folder a private one
 */
export function namelessFile(folder: string, text: string): number {
  const path = join(folder, "nameless");
  const file = openSync(path, "wx+", 0o600);
  rmSync(path); // it is empty still
  const bytes = Buffer.from(text);
  // By position: where /dev/stdin is the same open file (macOS), it is read from where we stand.
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, bytes.length - at, at);
  return file;
}
