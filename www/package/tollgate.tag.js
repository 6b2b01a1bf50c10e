// What stands for the script tag where Tollgate is imported: an element that is in no page, on which `init` writes the settings. On a
// server there is none.

export const tag = typeof document === 'undefined' ? null : document.createElement('script');
