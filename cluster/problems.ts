import type { z } from "zod";
import { keysAt } from "./known-keys.ts";
import { didYouMean } from "./suggest.ts";
import { UserError } from "./user-error.ts";

/** One thing that is wrong with what a person wrote: where, what it is, and what to do. */
export interface Problem {
  path: string;
  value?: unknown;
  repair: string;
}

/** All that is wrong with one file or configuration, in one error that is printed for a person. */
export class DeclarationError extends UserError {
  readonly problems: readonly Problem[];

  constructor(subject: string, problems: readonly Problem[]) {
    super(`${subject}: ${problems.length === 1 ? "one problem" : `${problems.length} problems`}\n${problems.map(describe).join("\n")}`);
    this.problems = problems;
  }

  /** Several errors as one, each under its own subject. */
  static of(errors: readonly DeclarationError[]): DeclarationError {
    const whole = new DeclarationError(
      "all",
      errors.flatMap(({ problems }) => problems),
    );
    whole.message = errors.map(({ message }) => message).join("\n");
    return whole;
  }
}

/** Reads several things and tells what is wrong with all of them at once. Other errors are not for a person to mend, and pass at once. */
export class Readings {
  readonly #errors: DeclarationError[] = [];

  /** What was read; undefined where something is wrong with it. */
  read<T>(reading: () => T): T | undefined {
    try {
      return reading();
    } catch (error) {
      if (!(error instanceof DeclarationError)) throw error;
      this.#errors.push(error);
      return undefined;
    }
  }

  /** Throws what was wrong: the one error, or one of all. */
  end(): void {
    const [first, ...others] = this.#errors;
    if (first && others.length === 0) throw first;
    if (first) throw DeclarationError.of(this.#errors);
  }
}

function describe({ path, value, repair }: Problem): string {
  return `  ${path}${value === undefined ? "" : `: ${shown(value)}`}: ${repair}`;
}

/** A value in one short line. YAML's anchors can make values that hold themselves, which JSON cannot say. */
function shown(value: unknown): string {
  try {
    const text = JSON.stringify(value) ?? String(value);
    return text.length > 200 ? `${text.slice(0, 200)}…` : text;
  } catch {
    return "(a value that holds itself)";
  }
}

/** What an input's schema has against it. */
export function problemsOf(error: z.ZodError, input: unknown, schema: z.ZodType): Problem[] {
  return problemsOfIssues(error.issues, [], input, schema);
}

function problemsOfIssues(issues: readonly z.core.$ZodIssue[], base: readonly PropertyKey[], input: unknown, schema: z.ZodType): Problem[] {
  return issues.flatMap((found) => {
    const issue = { ...found, path: [...base, ...found.path] };
    if (issue.code === "invalid_union") {
      // The alternative that has the form of what was written says more than "none of them".
      const meant = issue.errors.find((branch) => !branch.some(({ code, path }) => code === "invalid_type" && path.length === 0));
      if (meant && meant.length > 0) return problemsOfIssues(meant, issue.path, input, schema);
    }
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => unknownKey([...issue.path, key], keysAt(schema, issue.path)));
    }
    const value = at(input, issue.path);
    const path = pathOf(issue.path) || "the file";
    if (value === undefined) return { path, repair: `is missing: ${expectation(issue)}` };
    return { path, value, repair: expectation(issue) };
  });
}

function unknownKey(path: readonly PropertyKey[], known: readonly string[]): Problem {
  const hint = didYouMean(String(path.at(-1)), known, `; known are ${known.join(", ")}`);
  return { path: pathOf(path), repair: `is not a known key${hint}` };
}

function expectation(issue: z.core.$ZodIssue): string {
  const text = issue.message.replace(/^Invalid (input|option): /, "").replace(/, received undefined$/, "");
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** `nodes[0].address` of ["nodes", 0, "address"]; nothing for the top itself. */
export function pathOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === "number") return `${text}[${step}]`;
    const key = String(step) || '""';
    return text ? `${text}.${key}` : key;
  }, "");
}

function at(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, step) => (value as Record<PropertyKey, unknown> | undefined | null)?.[step], input);
}
