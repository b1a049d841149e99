using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Reflection;
using System.Threading.Tasks;
using NUnit.Framework;

/// <summary>Runs an assembly's NUnit tests on Mono and on .NET: nunit-console 2.6 does not start on .NET.</summary>
internal static class Runner
{
    private const BindingFlags Public = BindingFlags.Public | BindingFlags.Instance;

    /// <param name="arguments">A part of a test's full name (empty: all tests), and the assemblies.</param>
    private static int Main(string[] arguments)
    {
        var unobserved = new List<Exception>();
        TaskScheduler.UnobservedTaskException += (_, e) => unobserved.Add(e.Exception);
        var watch = Stopwatch.StartNew();
        var passed = 0;
        var failed = 0;
        foreach (var test in arguments.Skip(1).SelectMany(file => Tests(Assembly.LoadFrom(file))))
        {
            if (!test.Key.Contains(arguments[0]))
                continue;
            try
            {
                test.Value();
                passed++;
            }
            catch (TargetInvocationException error)
            {
                failed++;
                Console.WriteLine("FAILED " + test.Key + "\n" + error.InnerException + "\n");
            }
        }
        GC.Collect();
        GC.WaitForPendingFinalizers();
        foreach (var error in unobserved)
            Console.WriteLine("UNOBSERVED " + error);
        Console.WriteLine("{0} passed, {1} failed, {2:0.0} s", passed, failed, watch.Elapsed.TotalSeconds);
        return failed > 0 || passed == 0 || unobserved.Count > 0 ? 1 : 0;
    }

    private static IEnumerable<KeyValuePair<string, Action>> Tests(Assembly assembly)
    {
        foreach (var fixture in assembly.GetTypes().Where(type => Has<TestFixtureAttribute>(type)).OrderBy(type => type.Name))
        {
            foreach (var method in fixture.GetMethods(Public))
            {
                var cases = method.GetCustomAttributes(typeof(TestCaseAttribute), true).Cast<TestCaseAttribute>();
                var arguments = cases.Select(one => one.Arguments).ToList();
                if (Has<TestAttribute>(method))
                    arguments.Add(new object[0]);
                foreach (var one in arguments)
                {
                    var name = fixture.Name + "." + method.Name + "(" + string.Join(", ", one) + ")";
                    yield return new KeyValuePair<string, Action>(name, () => Run(fixture, method, one));
                }
            }
        }
    }

    private static void Run(Type fixture, MethodInfo test, object[] arguments)
    {
        var instance = Activator.CreateInstance(fixture);
        var parameters = test.GetParameters();
        var converted = arguments.Select((value, index) => Convert(value, parameters[index].ParameterType)).ToArray();
        try
        {
            // A base class's come first.
            foreach (var setUp in Marked<SetUpAttribute>(fixture).OrderBy(method => Depth(method.DeclaringType)))
                setUp.Invoke(instance, null);
            test.Invoke(instance, converted);
        }
        finally
        {
            foreach (var tearDown in Marked<TearDownAttribute>(fixture).OrderByDescending(method => Depth(method.DeclaringType)))
                tearDown.Invoke(instance, null);
        }
    }

    private static object Convert(object value, Type type)
    {
        return value is int && type == typeof(double) ? (double)(int)value : value;
    }

    private static IEnumerable<MethodInfo> Marked<T>(Type fixture)
    {
        return fixture.GetMethods(Public).Where(method => Has<T>(method));
    }

    private static bool Has<T>(ICustomAttributeProvider member)
    {
        return member.IsDefined(typeof(T), true);
    }

    private static int Depth(Type type)
    {
        return type.BaseType == null ? 0 : 1 + Depth(type.BaseType);
    }
}
