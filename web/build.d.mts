export interface Entry {
  out: string;
  from: string[];
  splitting?: boolean;
  copies?: { from: string; prefix: string };
}
export const entries: Entry[];
export function bundle(sources: string[], options?: { root?: string; splitting?: boolean }): Promise<Map<string, Uint8Array>>;
export function write(folder: string, built: Map<string, Uint8Array>): Promise<void>;
export function differing(folder: string, built: Map<string, Uint8Array>): Promise<string[]>;
export function copies(source: { from: string; prefix: string }): Promise<Map<string, Uint8Array>>;
