import type { Timer } from "./clock.ts";
import type { Micros } from "./instant.ts";

interface Entry extends Timer {
  readonly when: Micros;
  readonly order: number;
  task: (() => void) | undefined;
}

const isBefore = (a: Entry, b: Entry): boolean => a.when < b.when || (a.when === b.when && a.order < b.order);

/** Pending wake-ups by time: a binary heap, since twenty thousand scheduled DAGs share it. Cancelled ones are dropped when reached. */
export interface TimerHeap {
  add(when: Micros, task: () => void): Timer;
  /** Time of the earliest wake-up that still counts. */
  next(): Micros | undefined;
  /** Takes the earliest task if it is due. */
  takeDue(now: Micros): { readonly when: Micros; readonly task: () => void } | undefined;
  clear(): void;
}

export const createTimerHeap = (): TimerHeap => {
  let heap: Entry[] = [];
  let order = 0;

  const swap = (a: number, b: number): void => {
    const first = heap[a];
    const second = heap[b];
    if (first === undefined || second === undefined) return;
    heap[a] = second;
    heap[b] = first;
  };

  const less = (a: number, b: number): boolean => {
    const first = heap[a];
    const second = heap[b];
    return first !== undefined && second !== undefined && isBefore(first, second);
  };

  const rise = (start: number): void => {
    for (let index = start; index > 0; ) {
      const parent = (index - 1) >> 1;
      if (!less(index, parent)) return;
      swap(index, parent);
      index = parent;
    }
  };

  const sink = (): void => {
    for (let index = 0; ; ) {
      const left = index * 2 + 1;
      const smaller = less(left + 1, left) ? left + 1 : left;
      if (!less(smaller, index)) return;
      swap(index, smaller);
      index = smaller;
    }
  };

  const pop = (): Entry | undefined => {
    const top = heap[0];
    const last = heap.pop();
    if (top === undefined || last === undefined || top === last) return top;
    heap[0] = last;
    sink();
    return top;
  };

  const top = (): Entry | undefined => {
    while (heap[0] !== undefined && heap[0].task === undefined) pop();
    return heap[0];
  };

  return {
    add: (when, task) => {
      const entry: Entry = {
        when,
        order: order++,
        task,
        cancel: () => {
          entry.task = undefined;
        },
      };
      heap.push(entry);
      rise(heap.length - 1);
      return entry;
    },
    next: () => top()?.when,
    takeDue: (now) => {
      const entry = top();
      if (entry === undefined || entry.when > now || entry.task === undefined) return undefined;
      pop();
      const { task } = entry;
      entry.task = undefined;
      return { when: entry.when, task };
    },
    clear: () => {
      heap = [];
    },
  };
};
