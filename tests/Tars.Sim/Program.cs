// The simulator as a program: one seed is one run.
return 0;
