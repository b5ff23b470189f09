/** Claims actions and finishes them; with `ask`, finishes each only when told to. Says what it does. */
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { openStore, type OpenStoreOptions } from "../../src/index.ts";

const store = await openStore(JSON.parse(process.argv[2] ?? "{}") as OpenStoreOptions);
const [, , , leaseText = "1000", mode] = process.argv;
const leaseMs = Number(leaseText);
process.stdout.write("ready\n");

for (;;) {
  const claimed = await store.actions.claim({ owner: `pid:${process.pid}`, limit: 3, leaseMs });
  for (const { action, lease } of claimed) {
    process.stdout.write(`claimed ${action.id} ${lease.fencingToken}\n`);
    if (mode === "ask") await once(process.stdin, "data");
    else await pause(10);
    const finished = await store.actions.finish({
      id: action.id,
      fencingToken: lease.fencingToken,
      state: "done",
      after: { by: process.pid },
    });
    process.stdout.write(
      `${finished === undefined ? "refused" : "finished"} ${action.id} ${store.actions.fencedCount()}\n`,
    );
  }
  if (claimed.length === 0) await pause(20);
}
