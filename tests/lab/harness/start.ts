import { onTestFinished } from "vitest";
import { Lab, type LabOptions } from "./lab.ts";

/** Starts a lab that ends with the test, whatever happens. */
export async function startLab(options: LabOptions): Promise<Lab> {
  const lab = new Lab(options);
  onTestFinished(() => lab.stop());
  await lab.start();
  return lab;
}
