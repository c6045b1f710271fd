import { render } from 'preact'
import { App } from './app/App'
import { followPlace } from './data/place'
import { startPolling } from './data/poll'
import './style/base.css'
import './style/layout.css'
import './style/charts.css'
import './style/tree.css'

followPlace()
startPolling()
const root = document.querySelector('#app')!
root.textContent = ''
render(<App />, root)
