using System.Collections.Immutable;
using System.Text;
using Tars.Base;
using Tars.Kernel.Linking;
using Tars.Packages.Grants;
using Xunit;

namespace Tars.Tests.Packages;

/// <summary>What a file grants is read whole or told to be wrong, and never gives more than is asked for.</summary>
public sealed class GrantTests
{
    private const string Whole = """
        [grant.greenhouse]
        subscribe = ["sensor/+"]
        publish = ["valve/open", "heater/+"]
        spawn = { worker = 5, "lib.other" = 0 }
        serve = ["/status"]
        device.kept = { folder = "data" }
        device.weather = { origins = ["https://example.com"] }
        device.out = false
        device.input = true

        [grant.greenhouse.agent.guard]
        publish = ["valve/open"]
        device.weather = false

        [grant."other module"]
        """;

    [Fact]
    public void Everything_that_can_be_granted_is_read()
    {
        var reading = GrantReader.Read("tars.toml", Encoding.UTF8.GetBytes(Whole));
        Assert.Empty(reading.Mistakes);
        Assert.Equal(["greenhouse", "other module"], reading.File.Modules.Select(one => one.Module));
        var grant = reading.File.Find("greenhouse")!;
        Assert.Equal((1, 2, 3), (grant.Line, grant.Subscribe!.Line, grant.Publish!.Line));
        Assert.Equal(["valve/open", "heater/+"], grant.Publish.Patterns);
        Assert.Equal(["/status"], grant.Serve!.Patterns);
        Assert.Equal([("worker", 5), ("lib.other", 0)], grant.Spawn.Select(one => (one.Agent, one.Most)));
        Assert.Equal(
            [("kept", true, "folder"), ("weather", true, "origins"), ("out", false, ""), ("input", true, "")],
            grant.Devices.Select(one => (one.Name, one.IsGiven, one.Key)));
        Assert.Equal(["https://example.com"], grant.Devices[1].Given);
        Assert.Equal(["weather"], grant.Agents.Single().Withheld);
    }

    [Fact]
    public void Every_prefix_and_many_damaged_files_have_an_answer()
    {
        byte[] whole = Encoding.UTF8.GetBytes(Whole);
        for (int length = 0; length <= whole.Length; length++)
        {
            Assert.NotNull(GrantReader.Read("a", whole.AsSpan(0, length)).File);
        }

        string[] words =
            ["true", "1", "\"x\"", "[]", "{}", "[1]", "grant", "device", "agent", "=", ".", "\n", "[", "]"];
        for (ulong seed = 0; seed < 5_000; seed++)
        {
            var random = new Xoshiro256(seed);
            string[] tokens = Whole.Split(' ');
            for (int change = 0; change < 3; change++)
            {
                tokens[random.Next(tokens.Length)] = words[random.Next(words.Length)];
            }

            var reading = GrantReader.Read("a", Encoding.UTF8.GetBytes(string.Join(' ', tokens)));
            Assert.All(reading.Mistakes, one => Assert.NotEmpty(one.In(reading.Source)));
        }
    }

    [Theory]
    [InlineData("a", true)]
    [InlineData("a/+/c-d_9", true)]
    [InlineData("+", true)]
    [InlineData("a/b/c/d/e/f/g/h", true)]
    [InlineData("a/b/c/d/e/f/g/h/i", false)]
    [InlineData("", false)]
    [InlineData("a/", false)]
    [InlineData("/a", false)]
    [InlineData("A", false)]
    [InlineData("a/#", false)]
    [InlineData("a+", false)]
    public void A_pattern_is_what_a_module_could_declare(string text, bool isPattern) =>
        Assert.Equal(isPattern, ChannelPatterns.IsPattern(text));

    [Fact]
    public void What_is_left_of_a_pattern_is_exactly_what_it_and_a_grant_match()
    {
        string[] names = ["a", "b", "+"];
        for (ulong seed = 0; seed < 20_000; seed++)
        {
            var random = new Xoshiro256(seed);
            string Pattern(int kinds) =>
                string.Join('/', Enumerable.Range(0, 1 + random.Next(3)).Select(_ => names[random.Next(kinds)]));

            string declared = Pattern(3);
            ImmutableArray<string> granted = [.. Enumerable.Range(0, random.Next(4)).Select(_ => Pattern(3))];
            var left = GrantJudge.LeftOf(declared, granted);
            string[] channel = Pattern(2).Split('/');
            bool isMeant = Matches(declared, channel) && granted.Any(one => Matches(one, channel));
            Assert.Equal(isMeant, left.Any(one => Matches(one, channel)));
        }
    }

    [Fact]
    public void The_lines_that_are_proposed_answer_what_was_open()
    {
        var kept = new Demand("my \"module\"", DemandKind.Device, "kept", "store", []);
        var web = new Demand("my \"module\"", DemandKind.Device, "web.site", "fetch", ["http://localhost:9"]);
        string text = string.Join('\n', GrantLines.Of([kept, web]));
        var reading = GrantReader.Read("a", Encoding.UTF8.GetBytes(text));
        Assert.Empty(reading.Mistakes);
        Assert.Equal(
            [("kept", "folder", "kept"), ("web.site", "origins", "http://localhost:9")],
            reading.File.Find("my \"module\"")!.Devices.Select(one => (one.Name, one.Key, one.Given.Single())));
        string withheld = $"{GrantLines.Header("m")}\n{GrantLines.Of(kept, given: null)}";
        Assert.False(GrantReader.Read("a", Encoding.UTF8.GetBytes(withheld)).File.Modules[0].Devices[0].IsGiven);
    }

    private static bool Matches(string pattern, string[] channel) => new ChannelPattern(pattern).Matches(channel);
}
