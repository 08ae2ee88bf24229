// The benches as a program: it runs those whose name is given.
return 0;
