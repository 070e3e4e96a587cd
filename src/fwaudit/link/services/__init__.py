"""What the workspace deploys: where one service ends and the next begins, what serves it, and what it uses."""
