import type { DagId } from "@airfleet/model";
import type { Engine } from "../engine.ts";

/** How an engine of the instance under trial is made. */
export interface OpenEngine {
  /** `wrong`: with a password that the instance does not know. Default: the right ones. */
  readonly credentials?: "right" | "wrong";
}

/**
 * The DAG folder of the instance, for hosts that can write to it. Each file holds one DAG with one task, `a`, that
 * succeeds quickly; the deployment may take its time to notice.
 */
export interface DagFiles {
  /** Writes or repairs the file of a DAG with this id. */
  write(dagId: DagId): Promise<void>;
  /** Makes that file unreadable for the engine. */
  break(dagId: DagId): Promise<void>;
  /** Removes that file. */
  remove(dagId: DagId): Promise<void>;
}

/** What the suite needs to know of the place it runs in. */
export interface ConformanceHost {
  /** A new engine object for the instance. Those the suite asks for are closed by it. */
  open(options?: OpenEngine): Engine;
  readonly files?: DagFiles;
  /** Milliseconds between the first two looks while waiting; later ones come up to four times as slowly. Default 500. */
  readonly pollMs?: number;
  /** The longest wait for anything, in milliseconds. Default 90,000. */
  readonly patienceMs?: number;
}
