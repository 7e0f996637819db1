/** Where this page sends to. Everything a tracker wants of its vendor is at this address, too. */
export const endpoint = document.currentScript?.dataset.endpoint ?? '';
