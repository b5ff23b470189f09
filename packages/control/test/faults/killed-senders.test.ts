import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { backends, PATIENT } from "../../../store/test/backends.ts";
import { soakCount } from "../../../store/test/soak-count.ts";
import { actor, eventually } from "../fleet-fixture.ts";
import { aWebhook, observeRun, openControl, startReceiver, verify } from "../webhooks/outgoing-fixture.ts";

const KILLS = soakCount(50);
const RUNS_EACH = 20;

const start = async (address: object): Promise<ChildProcess> => {
  const sender = fileURLToPath(new URL("sender.ts", import.meta.url));
  const child = spawn(process.execPath, ["--conditions=@airfleet/source", sender, JSON.stringify(address)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child.stdout, "data");
  return child;
};

const kill = async (child: ChildProcess): Promise<void> => {
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
};

for (const backend of backends) {
  describe(`a sender that is killed on ${backend.name}`, PATIENT, () => {
    it("loses no message: each comes at least once, and a repetition has the same id", {
      timeout: 120_000 + KILLS * 15_000,
    }, async () => {
      const place = await backend.freshPlace();
      onTestFinished(() => place[Symbol.asyncDispose]());
      const receiver = await startReceiver();
      let deaths = 0;
      let key = "";
      const write = async (round: number): Promise<void> => {
        const idle = await openControl(place, { started: false });
        if (round === 0) ({ key } = await idle.control.webhooks.create(actor, "shop", aWebhook(receiver.url)));
        for (let run = 0; run < RUNS_EACH; run += 1) await observeRun(idle.store, `r${round}-${run}`, "failed");
        await idle.close();
      };
      for (let round = 0; round < KILLS; round += 1) {
        await write(round);
        const before = receiver.received.length;
        let sender: ChildProcess | undefined;
        // It dies at the very moment at which a message has come and its answer is on the way.
        const dying = new Promise<void>((died) => {
          receiver.answer = (response, one) => {
            if (receiver.received.length > before + round && sender !== undefined) {
              const victim = sender;
              sender = undefined;
              deaths += 1;
              void kill(victim).then(died);
              return;
            }
            verify(key, one);
            response.writeHead(204).end();
          };
        });
        sender = await start({ ...place.address, secretKey: place.secretKey });
        await dying;
      }
      receiver.answer = (response) => void response.writeHead(204).end();
      const last = await openControl(place);
      await eventually(async () => {
        const { pending } = await last.control.webhooks.backlog("shop");
        return (
          pending === 0 &&
          new Set(receiver.received.map(({ message }) => message.data["dag_run_id"])).size === KILLS * RUNS_EACH
        );
      }, 120_000);
      expect(deaths).toBe(KILLS);
      const idOfRun = new Map<unknown, Set<unknown>>();
      for (const { headers, message } of receiver.received) {
        const ids = idOfRun.get(message.data["dag_run_id"]) ?? new Set();
        idOfRun.set(message.data["dag_run_id"], ids.add(headers["webhook-id"]));
      }
      expect([...idOfRun.values()].every((ids) => ids.size === 1)).toBe(true);
      expect(receiver.received.length).toBeGreaterThan(KILLS * RUNS_EACH);
      const { items } = await last.control.webhooks.deliveries("shop", { limit: 1_000 });
      expect(items.filter(({ state }) => state === "delivered")).toHaveLength(KILLS * RUNS_EACH);
    });
  });
}
