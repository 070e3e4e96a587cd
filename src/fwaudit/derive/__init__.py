"""A library table from the library's own source: what each public function waits for, and what it hands to threads."""
