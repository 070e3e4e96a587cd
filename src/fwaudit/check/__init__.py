"""One module for each rule that needs thought: it asks the Project and says what it found."""
