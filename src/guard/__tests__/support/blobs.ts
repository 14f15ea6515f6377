/**
 * Blobs that can be read: jsdom's cannot. To be imported before what reads them.
 */
const reads = new WeakMap<Blob, () => Promise<ArrayBuffer>>();

Blob.prototype.arrayBuffer = function (this: Blob) {
  return reads.get(this)!();
};

/** A blob that is read so. */
export function blob(read: () => Promise<ArrayBuffer>, sizeBytes = 2): Blob {
  const made = new Blob([new Uint8Array(sizeBytes)]);
  reads.set(made, read);
  return made;
}
