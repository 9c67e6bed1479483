import * as pulumi from "@pulumi/pulumi";
import type { RegisterResourceRequest, RegisterResourceResponse } from "@pulumi/pulumi/proto/resource_pb.js";
import * as settings from "@pulumi/pulumi/runtime/settings.js";

/** One registration as it went to the engine: what the engine, and nothing else, orders and protects by. */
export interface Registration {
  urn: string;
  type: string;
  name: string;
  custom: boolean;
  parent: string;
  provider: string;
  inputs: Record<string, unknown>;
  /** URNs that the engine is told to finish first: those of dependsOn, and those that inputs come from. */
  dependencies: string[];
  protect: boolean;
  retainOnDelete: boolean;
  deletedWith: string;
  ignoreChanges: string[];
  /** What it is imported by; empty where it is not. */
  importId: string;
  replaceOnChanges: string[];
  replacementTrigger: unknown;
  additionalSecretOutputs: string[];
  hooks: { beforeCreate: string[]; beforeUpdate: string[] };
}

type Callback = (error: unknown, response: RegisterResourceResponse | object) => void;

/** Values of the wire format, secrets marked as `{ secret: … }`. */
const secretKey = "4dabf18193072939515e22adb298388d";

interface Monitor {
  registerResource(request: RegisterResourceRequest, callback: Callback): Promise<void>;
  registerResourceHook(request: unknown, callback: Callback): void;
}

/** Listens between the program and the monitor of Pulumi's own mocks, and answers hooks, which those do not. */
function listen(monitor: Monitor): Registration[] {
  const registrations: Registration[] = [];
  const registerResource = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, callback) => {
    const message = request.toObject();
    return registerResource(request, (error, response) => {
      if (!error) registrations.push(registrationOf(request, message, (response as RegisterResourceResponse).getUrn()));
      callback(error, response);
    });
  };
  monitor.registerResourceHook = (_request, callback) => callback(null, {});
  return registrations;
}

function registrationOf(request: RegisterResourceRequest, message: RegisterResourceRequest.AsObject, urn: string): Registration {
  const propertyDependencies: string[] = message.propertydependenciesMap.flatMap(
    ([, { urnsList }]: [string, { urnsList: string[] }]) => urnsList,
  );
  return {
    urn,
    type: message.type,
    name: message.name,
    custom: message.custom,
    parent: message.parent,
    provider: message.provider,
    inputs: marked(request.getObject()?.toJavaScript() ?? {}) as Record<string, unknown>,
    dependencies: [...new Set<string>([...message.dependenciesList, ...propertyDependencies])].filter((dependency) => dependency !== urn),
    protect: message.protect ?? false,
    retainOnDelete: message.retainondelete ?? false,
    deletedWith: message.deletedwith,
    ignoreChanges: message.ignorechangesList,
    importId: message.importid,
    replaceOnChanges: message.replaceonchangesList,
    replacementTrigger: request.getReplacementTrigger?.()?.toJavaScript(),
    additionalSecretOutputs: message.additionalsecretoutputsList,
    hooks: { beforeCreate: message.hooks?.beforeCreateList ?? [], beforeUpdate: message.hooks?.beforeUpdateList ?? [] },
  };
}

function marked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(marked);
  if (typeof value !== "object" || value === null) return value;
  const object = value as Record<string, unknown>;
  if (secretKey in object) return { secret: marked(object.value) };
  return Object.fromEntries(Object.entries(object).map(([key, member]) => [key, marked(member)]));
}

/** Runs a program and returns what it registered, by name. A provider function that `mocks` does not expect has to throw. */
export async function record(mocks: pulumi.runtime.Mocks, program: () => void): Promise<Map<string, Registration>> {
  await pulumi.runtime.setMocks(mocks, "phoebe", "test", false);
  const registrations = listen(settings.getMonitor() as unknown as Monitor);
  program();
  await settled(registrations);
  return new Map(registrations.map((registration) => [registration.name, registration]));
}

/** Waits until no registration is under way and none followed from the last one. */
async function settled(registrations: Registration[]): Promise<void> {
  let seen = -1;
  while (seen !== registrations.length) {
    seen = registrations.length;
    await (settings as unknown as { waitForRPCs(): Promise<void> }).waitForRPCs();
  }
}
