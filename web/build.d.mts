export interface Entry {
  out: string;
  from: string[];
}
export const entries: Entry[];
export function bundle(sources: string[], options?: { root?: string }): Promise<Map<string, Uint8Array>>;
export function write(folder: string, built: Map<string, Uint8Array>): Promise<void>;
export function differing(folder: string, built: Map<string, Uint8Array>): Promise<string[]>;
