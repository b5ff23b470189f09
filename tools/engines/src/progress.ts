/** Told in a short line what is being done. */
export type Progress = (line: string) => void;

export const silentProgress: Progress = () => undefined;
