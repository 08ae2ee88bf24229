using System.Collections.Immutable;
using Tars.Base;
using Tars.Bundle.Beliefs;
using Tars.Bundle.Manifest;
using Xunit;

namespace Tars.Tests.Bundle.Beliefs;

/// <summary>Strengths as published, and the properties that any graph must have.</summary>
public sealed class BeliefTests
{
    private static readonly BeliefGraphSpec _first = Graph(
        "A.5 B.5 C.5 D.5 E.5 F.5 G.5 H.5", "B+A C+A D-A E-B F-D G-F H-F");

    private static readonly BeliefGraphSpec _second = Graph("a.5 b.3 g.6 r.7 z.4", "b+a z+g g-a r-b");

    [Fact]
    public void The_first_published_graph_has_its_strengths()
    {
        Near(_first, BeliefSemantics.DfQuad, "F .125 B .25 D .4375 A .59375");
        Near(_first, BeliefSemantics.QuadraticEnergy, "A .577843 B .4 D .470588 F .25");
    }

    [Fact]
    public void The_second_published_graph_has_its_strengths()
    {
        Near(_second, BeliefSemantics.DfQuad, "g .76 b .09 a .165");
        Near(_second, BeliefSemantics.QuadraticEnergy, "a .414607 b .201342 g .655172");
    }

    [Fact]
    public void Two_that_attack_each_other_settle_and_so_do_thirty()
    {
        var two = Graph("x1 y1", "x-y y-x");
        Near(two, BeliefSemantics.DfQuad, "x .5 y .5");
        Near(two, BeliefSemantics.QuadraticEnergy, "x .682328 y .682328");
        var names = Enumerable.Range(0, 30).Select(index => (char)('A' + index)).ToArray();
        var clique = Graph(
            string.Join(' ', names.Select(name => $"{name}1")),
            string.Join(' ', names.SelectMany(from => names.Where(to => to != from).Select(to => $"{from}-{to}"))));
        var graph = new BeliefGraph(clique);
        Assert.False(graph.IsAcyclic);
        Assert.True(graph.Evaluate(graph.Priors.AsSpan()).Converged);
        Assert.True(graph.Settle(graph.Priors.AsSpan(), BeliefSemantics.DfQuad).Converged);
    }

    [Fact]
    public void Strengths_stay_in_bounds_have_the_same_bits_in_any_order_and_follow_only_the_arrows()
    {
        var random = new Xoshiro256(61);
        for (int round = 0; round < 300; round++)
        {
            var spec = Random(random, acyclic: random.Next(2) == 0);
            var graph = new BeliefGraph(spec);
            var result = graph.Evaluate(graph.Priors.AsSpan());
            Assert.All(result.Strengths, strength => Assert.InRange(strength, 0.0, 1.0));

            var (shuffled, place) = Shuffled(spec, random);
            var other = new BeliefGraph(shuffled);
            var again = other.Evaluate(other.Priors.AsSpan());
            Assert.Equal(result.Strengths, place.Select(at => again.Strengths[at]));

            int changed = random.Next(spec.Beliefs.Length);
            double[] scores = [.. graph.Priors];
            scores[changed] = random.NextUnit();
            var moved = graph.Evaluate(scores);
            var reached = Reached(spec, changed);
            for (int belief = 0; belief < scores.Length && result.Converged && moved.Converged; belief++)
            {
                Assert.True(
                    reached.Contains(belief) || Math.Abs(result.Strengths[belief] - moved.Strengths[belief]) < 1e-8);
            }
        }
    }

    [Fact]
    public void Without_relations_strengths_are_the_priors_and_a_weight_of_nothing_changes_nothing()
    {
        var random = new Xoshiro256(62);
        for (int round = 0; round < 100; round++)
        {
            var spec = Random(random, acyclic: true);
            var bare = new BeliefGraph(spec with { Relations = [] });
            Assert.Equal(bare.Priors, bare.Evaluate(bare.Priors.AsSpan()).Strengths);
            var idle = new BeliefGraph(
                spec with { Relations = [.. spec.Relations.Select(one => one with { Weight = 0 })] });
            Assert.Equal(idle.Priors, idle.Evaluate(idle.Priors.AsSpan()).Strengths);
        }
    }

    [Fact]
    public void On_a_graph_without_cycles_a_stronger_supporter_never_weakens_and_a_stronger_attacker_never_helps()
    {
        var random = new Xoshiro256(63);
        for (int round = 0; round < 300; round++)
        {
            // One layer of reasons above one claim: whatever rises below can only pull its own way.
            int reasons = 1 + random.Next(6);
            var spec = new BeliefGraphSpec(
                "a",
                [.. Enumerable.Range(0, reasons + 1)
                    .Select(index => new BeliefSpec($"b{index}", "", random.NextUnit()))],
                [.. Enumerable.Range(0, reasons).Select(index =>
                    new RelationSpec(index, reasons, random.Next(2) == 0, random.NextUnit()))]);
            var graph = new BeliefGraph(spec);
            int raised = random.Next(reasons);
            double[] scores = [.. graph.Priors];
            scores[raised] += (1 - scores[raised]) * random.NextUnit();
            double before = graph.Evaluate(graph.Priors.AsSpan()).Strengths[reasons];
            double after = graph.Evaluate(scores).Strengths[reasons];
            Assert.True(spec.Relations[raised].Supports ? before <= after + 1e-12 : after <= before + 1e-12);
        }
    }

    [Fact]
    public void What_is_odd_is_found()
    {
        var spec = Graph("a.9 b.9 c.2 d.5 e.5 f.5 g.5", "a-b b+b b-b a+b d-e e-f f-d");
        var findings = BeliefChecks.Find(spec, new HashSet<int>());
        Assert.Contains(new BeliefFinding.SelfSupport(1), findings);
        Assert.Contains(new BeliefFinding.SelfAttack(2), findings);
        Assert.Contains(new BeliefFinding.SupportsAndAttacks(3, 0), findings);
        Assert.Contains(new BeliefFinding.Orphan(2), findings);
        Assert.Contains(new BeliefFinding.OddAttackCycle([3, 4, 5]), findings);
        Assert.Contains(new BeliefFinding.StrongWithoutEvidence(0), findings);
        Assert.DoesNotContain(
            new BeliefFinding.StrongWithoutEvidence(0), BeliefChecks.Find(spec, new HashSet<int> { 0 }));
        Assert.Contains(
            new BeliefFinding.Contradiction(0, 1), BeliefChecks.Find(Graph("a1 b.95", "a_b"), new HashSet<int>()));
        Assert.Equal(
            [new BeliefFinding.Dangling(0)],
            BeliefChecks.Find(
                Graph("a.5", "") with { Relations = [new(0, 1, Supports: true, 1)] }, new HashSet<int>()));
    }

    [Theory]
    [InlineData("a.5 b.5 c.5", "a+b b+c c-a", 1)]
    [InlineData("a.5 b.5 c.5", "a-b b-c c+a", 0)]
    [InlineData("a.5 b.5", "a-a a+b a-b", 2)]
    [InlineData("a.5", "", 0)]
    public void Frustration_counts_the_relations_to_drop(string beliefs, string relations, int index) =>
        Assert.Equal(new FrustrationIndex(index, IsExact: true), Frustration.Of(Graph(beliefs, relations)));

    [Fact]
    public void Frustration_of_a_large_graph_of_two_camps_is_none()
    {
        var beliefs = Enumerable.Range(0, 40).Select(index => new BeliefSpec($"b{index}", "", 0.5)).ToImmutableArray();
        var relations = Enumerable.Range(0, 39).Select(index => new RelationSpec(index, index + 1, index % 3 == 0, 1));
        Assert.Equal(
            new FrustrationIndex(0, IsExact: true), Frustration.Of(new BeliefGraphSpec("a", beliefs, [.. relations])));
    }

    [Fact]
    public void A_repair_leaves_no_contradiction_and_is_as_small_as_any()
    {
        var random = new Xoshiro256(64);
        for (int round = 0; round < 200; round++)
        {
            var spec = Random(random, acyclic: random.Next(2) == 0);
            int least = Enumerable.Range(0, 1 << spec.Beliefs.Length).Min(camps => spec.Relations.Count(one =>
                (((camps >> one.From) ^ (camps >> one.To)) & 1) == 1 == one.Supports));
            foreach (var repair in new[] { Frustration.RepairOf(spec), Frustration.RepairOf(spec, exactBeliefsMax: 0) })
            {
                var left = spec with
                {
                    Relations = [.. spec.Relations.Where((_, place) => !repair.Relations.Contains(place))],
                };
                Assert.Equal(0, Frustration.Of(left).Value);
                Assert.Equal(least, repair.Relations.Length);
            }

            Assert.True(Frustration.RepairOf(spec).IsExact);
        }
    }

    [Fact]
    public void In_a_large_graph_no_more_is_dropped_than_was_turned_round()
    {
        for (ulong seed = 1; seed <= 20; seed++)
        {
            var random = new Xoshiro256(seed);
            bool[] camps = [.. Enumerable.Range(0, 60).Select(_ => random.Next(2) == 0)];
            var relations = Enumerable.Range(0, 240).Select(_ => (From: random.Next(60), To: random.Next(60)))
                .Where(one => one.From != one.To)
                .Select((one, place) => new RelationSpec(
                    one.From, one.To, camps[one.From] == camps[one.To] == (8 <= place), 1));
            var spec = new BeliefGraphSpec(
                "a", [.. camps.Select((_, place) => new BeliefSpec($"b{place}", "", 0.5))], [.. relations]);
            Assert.InRange(Frustration.RepairOf(spec).Relations.Length, 0, 8);
        }
    }

    [Fact]
    public void A_graph_that_contradicts_itself_round_both_ways_is_found_and_told_once()
    {
        // a speaks for b and against c, and b for c.
        var spec = Graph("a.5 b.5 c.5", "a+b a-c b+c");
        Assert.Equal(
            [new BeliefFinding.Frustrated([1], IsExact: true)],
            BeliefChecks.Find(spec, new HashSet<int>()).OfType<BeliefFinding.Frustrated>());
        Assert.Empty(BeliefChecks.Find(Graph("a.5 b.5 c.5", "a-b b-c c-a"), new HashSet<int>())
            .OfType<BeliefFinding.Frustrated>());
    }

    [Fact]
    public void What_has_no_strength_bears_on_nothing_in_any_graph()
    {
        var random = new Xoshiro256(65);
        for (int round = 0; round < 200; round++)
        {
            // Nothing bears on the first, and it is not believed at all.
            var spec = Random(random, acyclic: random.Next(2) == 0);
            spec = spec with
            {
                Beliefs = spec.Beliefs.SetItem(0, spec.Beliefs[0] with { Prior = 0 }),
                Relations = [.. spec.Relations.Where(one => one.To != 0)],
            };
            var with = new BeliefGraph(spec);
            var without = new BeliefGraph(
                spec with { Relations = [.. spec.Relations.Where(one => one.From != 0)] });
            foreach (var semantics in Enum.GetValues<BeliefSemantics>())
            {
                var one = with.Settle(with.Priors.AsSpan(), semantics);
                var other = without.Settle(without.Priors.AsSpan(), semantics);
                for (int belief = 0; belief < spec.Beliefs.Length && one.Converged && other.Converged; belief++)
                {
                    Assert.Equal(other.Strengths[belief], one.Strengths[belief], 1e-8);
                }
            }
        }
    }

    [Fact]
    public void In_any_graph_without_cycles_a_rise_pulls_along_ways_of_even_and_against_ways_of_odd_attacks()
    {
        var random = new Xoshiro256(66);
        int told = 0;
        for (int round = 0; round < 400; round++)
        {
            var spec = Random(random, acyclic: true);
            var graph = new BeliefGraph(spec);
            int raised = random.Next(spec.Beliefs.Length);
            double[] scores = [.. graph.Priors];
            scores[raised] += (1 - scores[raised]) * random.NextUnit();
            foreach (var semantics in Enum.GetValues<BeliefSemantics>())
            {
                var before = graph.Settle(graph.Priors.AsSpan(), semantics).Strengths;
                var after = graph.Settle(scores, semantics).Strengths;
                var (even, odd) = Ways(spec, raised);
                for (int belief = 0; belief < scores.Length; belief++)
                {
                    Assert.True(odd.Contains(belief) || before[belief] <= after[belief] + 1e-8);
                    Assert.True(even.Contains(belief) || after[belief] <= before[belief] + 1e-8);
                    told += even.Contains(belief) != odd.Contains(belief) && belief != raised ? 1 : 0;
                }
            }
        }

        Assert.True(400 < told);
    }

    // The beliefs to which ways with an even and with an odd number of attacks lead.
    private static (HashSet<int> Even, HashSet<int> Odd) Ways(BeliefGraphSpec spec, int start)
    {
        HashSet<int> even = [start];
        HashSet<int> odd = [];
        while (spec.Relations.Any(one =>
            (even.Contains(one.From) && (one.Supports ? even : odd).Add(one.To))
            || (odd.Contains(one.From) && (one.Supports ? odd : even).Add(one.To))))
        {
        }

        return (even, odd);
    }

    private static void Near(BeliefGraphSpec spec, BeliefSemantics semantics, string expected)
    {
        var graph = new BeliefGraph(spec);
        var settled = graph.Settle(graph.Priors.AsSpan(), semantics);
        Assert.True(settled.Converged);
        var words = expected.Split(' ');
        for (int word = 0; word < words.Length; word += 2)
        {
            int belief = spec.Beliefs.ToList().FindIndex(one => one.Name == words[word]);
            double strength = double.Parse(words[word + 1], System.Globalization.CultureInfo.InvariantCulture);
            Assert.Equal(strength, settled.Strengths[belief], 1e-6);
            if (graph.IsAcyclic && semantics == BeliefSemantics.DfQuad)
            {
                Assert.Equal(strength, graph.Evaluate(graph.Priors.AsSpan()).Strengths[belief], 1e-12);
            }
        }
    }

    // Beliefs as "a.5", relations as "a+b" or "a-b", both of weight one; "a_b" attacks with a weight of a tenth.
    private static BeliefGraphSpec Graph(string beliefs, string relations)
    {
        var names = beliefs.Split(' ').ToList();
        int Index(char name) => names.FindIndex(one => one[0] == name);
        return new BeliefGraphSpec(
            "agent",
            [.. names.Select(one => new BeliefSpec(
                one[..1], "", double.Parse(one[1..], System.Globalization.CultureInfo.InvariantCulture)))],
            [.. relations.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(one => new RelationSpec(
                Index(one[0]), Index(one[2]), one[1] == '+', one[1] == '_' ? 0.1 : 1))]);
    }

    private static BeliefGraphSpec Random(Xoshiro256 random, bool acyclic)
    {
        int count = 2 + random.Next(9);
        var relations = Enumerable.Range(0, random.Next(20)).Select(_ =>
        {
            int from = random.Next(count - 1);
            int to = acyclic ? from + 1 + random.Next(count - 1 - from) : random.Next(count);
            return new RelationSpec(from, to, random.Next(2) == 0, random.NextUnit());
        });
        return new BeliefGraphSpec(
            "agent",
            [.. Enumerable.Range(0, count).Select(index => new BeliefSpec($"b{index}", "", random.NextUnit()))],
            [.. relations]);
    }

    private static (BeliefGraphSpec Spec, int[] Place) Shuffled(BeliefGraphSpec spec, Xoshiro256 random)
    {
        int[] order = [.. Enumerable.Range(0, spec.Beliefs.Length).OrderBy(_ => random.Next())];
        int[] place = [.. Enumerable.Range(0, order.Length).Select(belief => Array.IndexOf(order, belief))];
        return (new BeliefGraphSpec(
            spec.Of,
            [.. order.Select(belief => spec.Beliefs[belief])],
            [.. spec.Relations.OrderBy(_ => random.Next())
                .Select(one => one with { From = place[one.From], To = place[one.To] })]), place);
    }

    private static HashSet<int> Reached(BeliefGraphSpec spec, int start)
    {
        var reached = new HashSet<int> { start };
        while (spec.Relations.Any(one => reached.Contains(one.From) && reached.Add(one.To)))
        {
        }

        return reached;
    }
}
