// Counts what the page that was left has still delivered.
import { follow } from './live.js';

const show = (id, number) => { document.getElementById(id).textContent = number.toLocaleString('en'); };
const left = Number(sessionStorage.getItem('left') ?? 0);
let arrived = 0;
let size = 0;

const ours = ({ scope, time }) => scope.name === 'page.leave' && time >= left;

follow({
  records({ records }) {
    arrived += records.filter(ours).length;
    show('count', arrived);
  },
  exchange({ bytes, over, time }) {
    if (over && time >= left) size += bytes;
    show('bytes', size);
  },
});
