"""The commands of docs/contract.md, one module for each or for several that belong together. Only click is imported early."""
