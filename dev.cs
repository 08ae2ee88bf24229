#!/usr/bin/env dotnet
#:property PublishAot=false

// Everything one does to this repository, as one script: ./dev.cs and a command. Run without one it lists them.

using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Xml.Linq;

// One configuration only: what is tested is what is shipped, and nothing is built twice.
const string Configuration = "Release";

// A path that the caller names is meant from where the caller stands.
string[] rest = [.. args.Skip(1).Select(word => Path.Exists(word) ? Path.GetFullPath(word) : word)];
Environment.CurrentDirectory = Root();
Environment.SetEnvironmentVariable("DOTNET_CLI_TELEMETRY_OPTOUT", "1");
Environment.SetEnvironmentVariable("DOTNET_NOLOGO", "1");

return args.FirstOrDefault() switch
{
    "test" => Test(rest, failedBefore: 0),
    "bless" => Bless(rest),
    "sim" => Built("tests/Tars.Sim") ?? Start("tests/Tars.Sim", ["sim", .. rest]),
    "fuzz" => Built("tests/Tars.Sim") ?? Start("tests/Tars.Sim", ["fuzz", .. rest]),
    "robust" => Built("tests/Tars.Sim") ?? Start("tests/Tars.Sim", ["robust", .. rest]),
    "spec" => Built("tests/Tars.Sim") ?? Start("tests/Tars.Sim", ["spec", .. rest]),
    "modules" => Built("tests/Tars.Sim") ?? Start("tests/Tars.Sim", ["modules", .. rest]),
    "binaries" => Built("tests/Tars.Sim") ?? Start("tests/Tars.Sim", ["binaries", .. rest]),
    "rings" => Built("tests/Tars.Sim") ?? Start("tests/Tars.Sim", ["rings", .. rest]),
    "kills" => Built("tests/Tars.Sim") ?? Start("tests/Tars.Sim", ["kills", .. rest]),
    "keptshards" => Built("tests/Tars.Sim") ?? Start("tests/Tars.Sim", ["keptshards", .. rest]),
    "storekills" => Built("tests/Tars.Sim") ?? Start("tests/Tars.Sim", ["storekills", .. rest]),
    "soak" => Built("tests/Tars.Sim") ?? Start("tests/Tars.Sim", ["soak", .. rest]),
    "hostile" => Built("tests/Tars.Sim") ?? Start("tests/Tars.Sim", ["hostile", .. rest]),
    "kernelvm" => KernelOnMicroVms(rest),
    "vmcycles" => Built("tests/Tars.Sim") ?? Start("tests/Tars.Sim", ["vmcycles", .. rest]),
    "bench" => Built("tests/Tars.Bench") ?? Start("tests/Tars.Bench", rest),
    "format" => Run("dotnet", ["format", "Tars.slnx", "--no-restore"]),
    "pack" => Pack(),
    "ci" => Ci(),
    _ => Usage(),
};

static int Usage()
{
    Console.WriteLine(
        """
        ./dev.cs test [FILTER]    build everything and run the tests whose full name holds FILTER; all by default
        ./dev.cs bless [FILTER]   run tests and write what they answer into their golden files; read the diff
        ./dev.cs sim [SEED]       simulate one seed, or a few; kept shards among them, in one seed of four
        ./dev.cs fuzz [SECONDS]   mutate samples and modules for so long
        ./dev.cs modules [COUNT]  generated Wasm modules on the engine, the oracle and Node
        ./dev.cs kills [COUNT] [--shards N]
                                  a run that is kept is killed and goes on, so often
        ./dev.cs keptshards [COUNT [FIRST]]
                                  shards that are kept, on one thread: power cuts by seed, and all go on as one run
        ./dev.cs storekills [COUNT]
                                  a store of versions in use is killed, so often, and is whole each time
        ./dev.cs soak [MINUTES]   a run that spawns, swaps, traps and revokes each second stays as large as it is
        ./dev.cs binaries [COUNT] damaged Wasm modules through decoder and validator
        ./dev.cs rings [COUNT]    random rings of effects against the kernel
        ./dev.cs hostile          machine code that attacks, in micro-VMs, as a table
        ./dev.cs kernelvm         sessions, samples, scenarios and a rogue guest, each guest in a micro-VM
        ./dev.cs kernelvm share   the same without the longest scenarios, and those once
        ./dev.cs vmcycles [COUNT] micro-VMs created, run and destroyed, and what they leave behind
        ./dev.cs robust [PROGRAM] [STEP]
                                  damage samples in every way, or in one of STEP ways; hostile texts
        ./dev.cs spec PATH        run the WebAssembly specification's own tests from the folder or archive at PATH
        ./dev.cs bench NAME       measure; without a name it says which there are
        ./dev.cs bench engine [KERNEL…] [--write] [--short]
                                  kernels in C beside V8 and native code
        ./dev.cs bench evolve [TASK…] [--seeds N] [--from N] [--evaluations N | --minutes M] [--workers N]
                                  evolve the samples; --evolved, --random and --tuned do a part, --write the page
        ./dev.cs format           format the code
        ./dev.cs pack             make the dotnet tools tarscli and tars-validate
        ./dev.cs ci               format check, build, tests, smoke seeds, compile twice
        """);
    return 2;
}

// What else was checked and failed counts in the last line too, so that nobody reads it as good news.
static int Test(string[] filter, int failedBefore)
{
    if (Built("Tars.slnx") is { } failed)
    {
        Console.WriteLine("The build failed, so no test ran.");
        Console.WriteLine($"0 passed, {failedBefore + 1} failed");
        return failed;
    }

    var results = Path.GetFullPath("artifacts/test-results.xml");
    File.Delete(results);
    // A test that hangs is named before somebody's patience ends. More threads than cores: some tests wait for servers,
    // children and disks.
    string[] manner = ["-xml", results, "-longRunning", "60", "-maxThreads", "1.5x", "-noColor", "-noLogo"];
    int exit = Start("tests/Tars.Tests", [.. Chosen(filter), .. manner]);
    if (!File.Exists(results))
    {
        Console.WriteLine("The tests ended before they could report.");
        Console.WriteLine($"0 passed, {failedBefore + 1} failed");
        return exit == 0 ? 1 : exit;
    }

    return Summarise(XDocument.Load(results), exit, failedBefore);
}

// What was skipped is told with its reason; the last line is for machines and people alike.
static int Summarise(XDocument results, int exit, int failedBefore)
{
    var tests = results.Descendants("test").ToLookup(test => (string)test.Attribute("result")!);
    foreach (var reason in tests["Skip"].GroupBy(test => test.Element("reason")?.Value.Trim() ?? "no reason given"))
    {
        Console.WriteLine($"skipped: {reason.Key}");
        foreach (var test in reason)
        {
            Console.WriteLine($"  {(string)test.Attribute("name")!}");
        }
    }

    int passed = tests["Pass"].Count();
    int errors = results.Descendants("error").Count();
    int failed = tests["Fail"].Count() + errors + failedBefore;
    int skipped = tests["Skip"].Count();
    if (passed + failed + skipped == 0)
    {
        Console.WriteLine("No test has such a name.");
        failed = 1;
    }
    else if (failed == 0 && exit != 0)
    {
        Console.WriteLine($"The tests ended with exit status {exit}.");
        failed = 1;
    }

    Console.WriteLine($"{passed} passed, {failed} failed{(skipped == 0 ? "" : $", {skipped} skipped")}");
    return failed == 0 ? 0 : 1;
}

static int Bless(string[] filter)
{
    if (Built("tests/Tars.Tests") is { } failed)
    {
        return failed;
    }

    Environment.SetEnvironmentVariable("TARS_BLESS", "1");
    int exit = Start("tests/Tars.Tests", [.. Chosen(filter), "-noColor", "-noLogo"]);
    Console.WriteLine("Golden files that differ from the last commit; read each diff as its user would:");
    _ = Run("git", ["status", "--short", "--", "tests/golden", "docs"]);
    return exit;
}

// What stands above an engine, on the other one. Where there is no such engine each test says that it was skipped.
static int KernelOnMicroVms(string[] words)
{
    if (words is not ([] or ["share"]))
    {
        return Usage();
    }

    if (Built("tests/Tars.Tests") is { } failed)
    {
        return failed;
    }

    Environment.SetEnvironmentVariable("TARS_TEST_ENGINE", "microvm");
    Environment.SetEnvironmentVariable("TARS_TEST_SHARE", words.FirstOrDefault());
    string[] chosen =
    [
        "Cli.SessionTests.The_session", "ForeignGuestTests.A_rogue", "ProgramScenarioTests.",
    ];
    return Start("tests/Tars.Tests", [.. Chosen(chosen), "-noColor", "-noLogo"]);
}

static string[] Chosen(string[] filter) => [.. filter.SelectMany(part => new[] { "-method", $"*{part.Trim('*')}*" })];

// A tool for each program: the whole of it, and the validator by itself.
static int Pack() => Packed("src/Tars.Cli", "tarscli") ?? Packed("src/Tars.Validate", "tars-validate") ?? 0;

// Null when all went well.
static int? Packed(string project, string command)
{
    const string Folder = "artifacts/package";
    int exit = Run(
        "dotnet", ["pack", project, "--configuration", Configuration, "--output", Folder, .. Quiet()]);
    if (exit != 0)
    {
        return exit;
    }

    string id = Path.GetFileName(project);
    var package = new DirectoryInfo(Folder).GetFiles($"{id}.*.nupkg").MaxBy(file => file.LastWriteTimeUtc)!;
    string version = Path.GetFileNameWithoutExtension(package.Name)[(id.Length + 1)..];
    Console.WriteLine(
        $"""
        {Folder}/{package.Name}
        To have {command} on the PATH:
          dotnet tool install --global {id} --version {version} --add-source {package.DirectoryName}
        To take it off again:
          dotnet tool uninstall --global {id}
        """);
    return null;
}

// Everything that must hold before a change is taken.
static int Ci()
{
    Environment.SetEnvironmentVariable("TARS_CHECK", "1"); // Directory.Build.props: analyzers on.
    (string Name, Func<int> Check)[] checks =
    [
        ("format", () => Run("dotnet", ["format", "whitespace", ".", "--folder", "--verify-no-changes",
            "--exclude", "artifacts"])),
        ("compile twice", CompileTwice),
        ("smoke seeds", () => Built("tests/Tars.Sim") ?? Start("tests/Tars.Sim", ["sim"])),
    ];
    int failed = 0;
    foreach (var (name, check) in checks)
    {
        Console.WriteLine($"== {name}");
        if (check() != 0)
        {
            Console.WriteLine($"== {name} failed");
            failed++;
        }
    }

    Console.WriteLine("== tests");
    return Test([], failedBefore: failed);
}

// Equal text gives equal bytes, wherever it lies and in whichever process: every sample is built in two folders.
static int CompileTwice()
{
    if (Built("src/Tars.Cli") is { } failed)
    {
        return failed;
    }

    string[] folders = ["artifacts/twice/one", "artifacts/twice/the-other"];
    foreach (var folder in folders)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        foreach (var source in Samples())
        {
            var copy = Path.Combine(folder, source);
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(source, copy);
        }
    }

    int different = 0;
    foreach (var source in Samples())
    {
        byte[][] bundles = [.. folders.Select(folder => BundleOf(Path.Combine(folder, source)))];
        bool equal = 0 < bundles[0].Length && bundles[0].AsSpan().SequenceEqual(bundles[1]);
        different += equal ? 0 : 1;
        Console.WriteLine($"{source}: {(equal ? $"equal, {bundles[0].Length} bytes" : "not equal, or not built")}");
    }

    return different == 0 ? 0 : 1;
}

static byte[] BundleOf(string source)
{
    var bundle = source + ".wasm";

    // Of a component in another language the metascript is the interface, and its code lies beside it.
    var code = Path.ChangeExtension(source, ".wasm");
    string[] given = File.Exists(code) ? ["--wasm", code] : [];
    return Start("src/Tars.Cli", ["build", source, .. given, "-o", bundle]) == 0 && File.Exists(bundle)
        ? File.ReadAllBytes(bundle)
        : [];
}

static IEnumerable<string> Samples() =>
    Directory.Exists("samples")
        ? Directory.EnumerateFiles("samples", "*.tars", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
        : [];

// Null when the build went well, so that what follows can be joined with ??.
static int? Built(string project)
{
    // `dotnet build` always adds a summary; `dotnet msbuild` says nothing when there is nothing to say.
    int exit = Run("dotnet", ["msbuild", project, "-restore", $"-p:Configuration={Configuration}", .. Quiet()]);
    return exit == 0 ? null : exit;
}

static string[] Quiet() => ["-verbosity:quiet", "-nologo", "-consoleLoggerParameters:NoSummary", "-tl:off"];

static int Start(string project, string[] arguments)
{
    var name = Path.GetFileName(project);
    return Run("dotnet", [$"artifacts/bin/{name}/{Configuration.ToLowerInvariant()}/{name}.dll", .. arguments]);
}

static int Run(string program, string[] arguments)
{
    try
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        return process.ExitCode;
    }
    catch (Win32Exception e)
    {
        Console.Error.WriteLine($"{program}: {e.Message}");
        return 127;
    }
}

static string Root([CallerFilePath] string here = "") => Path.GetDirectoryName(here)!;
