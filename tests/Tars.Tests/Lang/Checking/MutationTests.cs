using Tars.Base;
using Tars.Lang.Checking;
using Tars.Tests.Support;
using Xunit;

namespace Tars.Tests.Lang.Checking;

/// <summary>Whatever is written, checking ends with an answer and throws nothing.</summary>
public sealed class MutationTests
{
    private const int SeedCount = 150;

    private static readonly string[] _pieces =
    [
        "(", ")", "{", "}", "[", "]", "else", "none", "let x = ", "ask ", "T", "\"", ",", ":", "#", " ", "\n", "0",
        "=>", ".", "?", "!", "- ", "match ", "for ", "state:\n", "<", ">", "self", "spawn ", "within ", "text", "as ",
    ];

    private static readonly string[] _programs =
        [.. Golden.FilesUnder(Golden.Path("lang/programs"), "*.tars").Select(File.ReadAllText)];

    [Fact]
    public void Damaged_programs_get_an_answer()
    {
        for (ulong seed = 0; seed < SeedCount; seed++)
        {
            CheckOrExplain(Damage(new Xoshiro256(seed)), $"seed {seed}");
        }
    }

    [Fact]
    public void Every_beginning_of_a_program_gets_an_answer()
    {
        foreach (string program in _programs)
        {
            for (int at = 0; at < program.Length; at += 97)
            {
                CheckOrExplain(program[..at], $"the first {at} characters");
            }
        }
    }

    private static void CheckOrExplain(string program, string what)
    {
        try
        {
            var source = new SourceText("program.tars", program);
            CheckResult result = ModuleChecker.Check(source, new NoModules());
            if (!result.HasErrors)
            {
                ManifestBuilder.Build(result.Module, source, includeTests: true);
            }
        }
        catch (Exception e)
        {
            Assert.Fail($"{what}: {e}\n{program}");
        }
    }

    private static string Damage(Xoshiro256 random)
    {
        string program = _programs[random.Next(_programs.Length)];
        for (int count = 1 + random.Next(3); count > 0; count--)
        {
            int at = random.Next(program.Length);
            int length = Math.Min(1 + random.Next(12), program.Length - at);
            program = random.Next(4) switch
            {
                0 => program.Remove(at, length),
                1 => program.Insert(at, _pieces[random.Next(_pieces.Length)]),
                2 => program.Insert(random.Next(program.Length), program.Substring(at, length)),
                _ => RemoveLine(program, at),
            };
        }

        return program;
    }

    private static string RemoveLine(string program, int at)
    {
        int start = program.LastIndexOf('\n', at) + 1;
        int end = program.IndexOf('\n', at);
        return end < start ? program : program.Remove(start, end - start);
    }
}
