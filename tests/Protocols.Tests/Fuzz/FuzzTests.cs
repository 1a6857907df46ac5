using System.Text;
using Fairlead.Testing.Fuzzing;

namespace Fairlead.Protocols.Tests.Fuzz;

/// <summary>Whatever bytes come in: a value or a failure in words, never an exception, a hang or memory without bound. See <see cref="Fuzzer"/> for longer runs.</summary>
public sealed class FuzzTests
{
    public static TheoryData<string> Targets => [.. FuzzTargets.All.Select(target => target.Name)];

    [Theory]
    [MemberData(nameof(Targets))]
    public void DamagedInput_IsHandled(string name)
    {
        var target = FuzzTargets.All.Single(target => target.Name == name);
        // Damage means something only to input that is good without it.
        foreach (var sample in target.Samples)
            Fuzzer.Read(target, sample, new Random(0));
        Fuzzer.Run(target);
    }

    [Fact]
    public void WhatWasFoundOnce_IsHandled()
    {
        foreach (var (name, input) in Fuzzer.Found(Path.Combine(AppContext.BaseDirectory, "Fuzz", "found.txt")))
            Fuzzer.Read(FuzzTargets.All.Single(target => target.Name == name), input, new Random(0));
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void DeepNesting_AndEveryPrefix_AreHandled(string name)
    {
        var target = FuzzTargets.All.Single(target => target.Name == name);
        foreach (var deep in (string[])[new string('[', 100_000), "{\"messages\":" + new string('[', 100_000), "{\"type\":" + new string('{', 100_000), string.Concat(Enumerable.Repeat("{\"a\":", 50_000))])
            Fuzzer.Read(target, Encoding.UTF8.GetBytes(deep), new Random(0));
        var sample = target.Samples.MinBy(one => Math.Abs(one.Length - 1000))!;
        for (var length = 0; length < Math.Min(sample.Length, 3000); length += 3)
            Fuzzer.Read(target, sample[..length], new Random(length));
    }
}
