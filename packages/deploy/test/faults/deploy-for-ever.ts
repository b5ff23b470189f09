import { createDeployTarget } from "../../src/index.ts";

/** Deploys one version after the other until it is killed; each changes every file and moves to another runtime. */
const config = JSON.parse(process.argv[2] ?? "") as Parameters<typeof createDeployTarget>[0];
const target = createDeployTarget(config, { dataDir: process.argv[3] ?? "" });
const signal = AbortSignal.timeout(60_000);
for (let turn = Number(process.argv[4]); ; turn += 1) {
  const put = Array.from({ length: 12 }, (_, at) => ({ path: `p${at}.py`, text: `${turn}\n`.repeat(2_000) }));
  const runtime = { path: `runtime_${turn}/x.py`, text: `${turn}\n` };
  const remove = turn === 0 ? [] : [`runtime_${turn - 1}/x.py`];
  await target.apply({ put: [...put, runtime], remove, message: `Turn ${turn}` }, { signal });
  process.stdout.write(`${turn}\n`);
}
