// What of node:async_hooks the types are about.
export class AsyncLocalStorage<T> {
  disable(): void;
  getStore(): T | undefined;
  run<R>(store: T, callback: () => R): R;
  run<R, A extends any[]>(store: T, callback: (...args: A) => R, ...args: A): R;
  enterWith(store: T): void;
}
