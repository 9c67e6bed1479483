import { text } from "node:stream/consumers";
import { exits, Failure } from "../script/failure.ts";
import type { Operation } from "../script/operation.ts";

/** The machine config that a script is to bring a node to. It is secret, and so comes by standard input. */
export interface DeclaredConfig {
  readonly text: string;
}

/** Reads all of standard input. */
export async function readDeclaredConfig(operation: Operation): Promise<DeclaredConfig> {
  if (process.stdin.isTTY) operation.say("reading the machine config from standard input");
  const config = await text(process.stdin);
  if (config.trim() === "") throw new Failure("Standard input holds no machine config.", exits.badInput);
  return { text: config };
}
