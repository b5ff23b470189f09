// Records anew what real Airflows make of the cases: node --conditions=@airfleet/source packages/model/test/schedules/record-calendar.ts
import { writeFile } from "node:fs/promises";
import { RECORDED, readFromAirflow } from "./read-from-airflow.ts";

const [two, three] = [await readFromAirflow(2), await readFromAirflow(3)];
if (JSON.stringify(two) !== JSON.stringify(three)) throw new Error("Airflow 2 and 3 do not agree.");
await writeFile(RECORDED, `[\n${three.map((answer) => JSON.stringify(answer)).join(",\n")}\n]\n`);
