import { expect, test } from "vitest";
import { credentialsIn, kubeconfigFor } from "../../cluster/kubeconfig.ts";

const credentials = { caCertificate: "Y2E=", clientCertificate: "Y2VydA==", clientKey: "a2V5" };

test("what is put into a kubeconfig is read from it", () => {
  expect(credentialsIn(kubeconfigFor("demo", "https://10.60.0.10:6443", credentials))).toEqual(credentials);
});

test.each(["", "a: [secret", "secret", "clusters: []\nusers: [{ user: { client-key-data: secret } }]"])(
  "what is none is an error that quotes nothing: %j",
  (text) => {
    expect(() => credentialsIn(text)).toThrow(/^the kubeconfig holds no client certificate$/);
  },
);
