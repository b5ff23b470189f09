import assert from "node:assert/strict";
import { type Claim, has } from "../claim.ts";
import { refuses } from "../expectations.ts";
import { FIXTURES } from "../fixtures.ts";

export const probeClaims: readonly Claim[] = [
  {
    title: "a probe tells version, generation and latency",
    async run({ engine }) {
      const probe = await engine.probe();
      assert.match(probe.version, /^\d+\.\d+/);
      assert.equal(String(probe.generation), probe.version.split(".")[0]);
      assert.ok(probe.latencyMs >= 0 && probe.latencyMs < 60_000);
      assert.equal(probe.authenticated, true);
    },
  },
  {
    title: "a probe of a living instance names its parts and finds them healthy",
    async run({ engine }) {
      const { health } = await engine.probe();
      assert.equal(health.healthy, true);
      const healthy = health.components.filter(({ status }) => status === "healthy").map(({ name }) => name);
      assert.ok(healthy.includes("metadatabase") && healthy.includes("scheduler"), healthy.join());
    },
  },
  {
    title: "a probe measures how far the instance's clock is from ours",
    async run({ engine }) {
      const { clockSkewMs } = await engine.probe();
      assert.ok(clockSkewMs !== null && Math.abs(clockSkewMs) < 5_000, String(clockSkewMs));
    },
  },
  {
    title: "a probe with a wrong password does not fail: it says that we are not let in",
    needs: has("credentials"),
    async run({ host }) {
      const engine = host.open({ credentials: "wrong" });
      try {
        const probe = await engine.probe();
        assert.equal(probe.authenticated, false);
      } finally {
        await engine.close();
      }
    },
  },
  {
    title: "a wrong password fails every other call with INSTANCE_CREDENTIALS_REFUSED",
    needs: has("credentials"),
    async run({ host }) {
      const engine = host.open({ credentials: "wrong" });
      try {
        await refuses(() => engine.listDags({}), "INSTANCE_CREDENTIALS_REFUSED");
        await refuses(() => engine.setPaused(FIXTURES.ok, true), "INSTANCE_CREDENTIALS_REFUSED");
      } finally {
        await engine.close();
      }
    },
  },
  {
    title: "abilities can be asked for before any probe, and are those of the probe",
    async run({ host, capabilities }) {
      const engine = host.open();
      try {
        assert.deepEqual(await engine.capabilities(), capabilities);
      } finally {
        await engine.close();
      }
    },
  },
];
