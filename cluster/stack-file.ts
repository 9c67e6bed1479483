import { DeclarationError, type Problem, pathOf } from "./problems.ts";
import { didYouMean } from "./suggest.ts";
import { isMapping, parseYaml } from "./yaml.ts";

/** What Pulumi itself knows at the top of a stack file. */
const topKeys = ["config", "secretsprovider", "encryptedkey", "encryptionsalt", "environment"];

/**
 * A project's configuration keys in the text of a `Pulumi.<stack>.yaml`, without their prefix: what Pulumi hands to the program.
 * Keys of other projects and of providers are left out.
 */
export function configurationIn(file: string, text: string, project: string): Record<string, unknown> {
  const whole = parseYaml(file, text) ?? {};
  if (!isMapping(whole)) throw new DeclarationError(file, [{ path: file, repair: "expected a mapping with the key config" }]);
  const { config = {} } = whole;
  const problems: Problem[] = Object.keys(whole)
    .filter((key) => !topKeys.includes(key))
    .map((key) => ({
      path: pathOf([key]),
      repair: `is not a key of a stack file${didYouMean(key, topKeys, "; the cluster's keys stand under config")}`,
    }));
  if (!isMapping(config)) {
    problems.push({ path: "config", value: config, repair: `expected a mapping of ${project}:<key>` });
    throw new DeclarationError(file, problems);
  }
  for (const key of Object.keys(config).filter((key) => !key.includes(":"))) {
    problems.push({ path: pathOf(["config", key]), repair: `is a key of no project; write ${project}:${key}` });
  }
  if (problems.length > 0) throw new DeclarationError(file, problems);
  const prefix = `${project}:`;
  return Object.fromEntries(
    Object.entries(config).flatMap(([key, value]) => (key.startsWith(prefix) ? [[key.slice(prefix.length), value]] : [])),
  );
}
