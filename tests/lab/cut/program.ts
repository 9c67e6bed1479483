/**
 * The program of this project with one edge of its graph cut: $CUT_EDGE names it. $HOLD_BACK names a type whose resources fail before they are made, so
 * that what stood in front of the edge is surely missing; with it alone the whole edge shows.
 */
import { resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { type Edge, edges } from "./edges.ts";

const root = resolve(import.meta.dirname, "../../..");
process.chdir(root);

const cut = edges[process.env.CUT_EDGE as Edge];
const heldBack = new pulumi.ResourceHook("held-back", () => {
  throw new Error("held back by the test");
});

pulumi.runtime.registerStackTransformation(({ type, props, opts }) => {
  const changed = { props: { ...props }, opts: { ...opts } };
  // What the program names relative to its own folder is now named from another one.
  if (type === "command:local:Command") changed.props.dir = root;
  if (type === "kubernetes:helm.sh/v3:Release") changed.props.chart = resolve(root, props.chart);
  if (type === process.env.HOLD_BACK) changed.opts.hooks = { beforeCreate: [heldBack] };
  cut?.(type, changed);
  return changed;
});

await import("../../../index.ts");
