Console.Error.WriteLine("usage: Load upstream|passthrough|run");
return 2;
