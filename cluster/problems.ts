import type { z } from "zod";
import { closest } from "./suggest.ts";

/** One thing that is wrong with what a person wrote: where, what it is, and what to do. */
export interface Problem {
  path: string;
  value?: unknown;
  repair: string;
}

/** All that is wrong with one file or configuration, in one error that is printed for a person. */
export class DeclarationError extends Error {
  readonly problems: readonly Problem[];

  constructor(subject: string, problems: readonly Problem[]) {
    super(`${subject}: ${problems.length === 1 ? "one problem" : `${problems.length} problems`}\n${problems.map(describe).join("\n")}`);
    this.name = "DeclarationError";
    this.problems = problems;
  }
}

function describe({ path, value, repair }: Problem): string {
  return `  ${path}${value === undefined ? "" : `: ${JSON.stringify(value)}`}: ${repair}`;
}

/** Zod's issues as problems. `schemaKeys` answers which keys are known at a path, for "did you mean". */
export function problemsOf(error: z.ZodError, input: unknown, schemaKeys: (path: readonly PropertyKey[]) => readonly string[]): Problem[] {
  return error.issues.flatMap((issue) => {
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => unknownKey([...issue.path, key], schemaKeys(issue.path)));
    }
    const value = at(input, issue.path);
    if (value === undefined) return { path: pathOf(issue.path), repair: `is missing: ${expectation(issue)}` };
    return { path: pathOf(issue.path), value, repair: expectation(issue) };
  });
}

function unknownKey(path: readonly PropertyKey[], known: readonly string[]): Problem {
  const meant = closest(String(path.at(-1)), known);
  return {
    path: pathOf(path),
    repair: meant ? `is not a known key; did you mean ${meant}?` : `is not a known key; known are ${known.join(", ")}`,
  };
}

function expectation(issue: z.core.$ZodIssue): string {
  const text = issue.message.replace(/^Invalid (input|option): /, "");
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** `nodes[0].address` of ["nodes", 0, "address"]. */
export function pathOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, step) => (typeof step === "number" ? `${text}[${step}]` : text ? `${text}.${String(step)}` : String(step)),
    "",
  );
}

function at(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, step) => (value as Record<PropertyKey, unknown> | undefined | null)?.[step], input);
}
