import { randomBytes } from "node:crypto";
import { mkdir, open, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { StepRefusal } from "../step-trouble.ts";

/** Gives a path beside this one to write to, and lets what was written take its place when all went well. */
export const replaced = async <Result>(file: string, write: (fresh: string) => Promise<Result>): Promise<Result> => {
  const fresh = path.join(path.dirname(file), `.${path.basename(file)}.${randomBytes(6).toString("hex")}.airfleet`);
  try {
    const result = await write(fresh);
    const written = await open(fresh, "r");
    try {
      await written.sync();
    } finally {
      await written.close();
    }
    await rename(fresh, file);
    return result;
  } finally {
    await rm(fresh, { force: true });
  }
};

/** The folder of a file that is to be written. */
export const ensureFolder = async (file: string, mayCreate: boolean): Promise<void> => {
  const folder = path.dirname(file);
  if (mayCreate) {
    await mkdir(folder, { recursive: true });
    return;
  }
  const found = await stat(folder).catch(() => undefined);
  if (found?.isDirectory() !== true) {
    throw new StepRefusal(`There is no folder "${path.basename(folder)}" for "${path.basename(file)}".`);
  }
};

/** Whether a path is a file. */
export const isFile = async (file: string): Promise<boolean> =>
  await stat(file).then(
    (found) => found.isFile(),
    () => false,
  );
