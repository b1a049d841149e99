// The few of Unity's types that the sample names, with their shape alone. They ship nowhere.
using System;

namespace UnityEngine
{
    [AttributeUsage(AttributeTargets.Field)]
    public sealed class SerializeField : Attribute
    {
    }

    [AttributeUsage(AttributeTargets.Field)]
    public sealed class TooltipAttribute : Attribute
    {
        public TooltipAttribute(string tooltip)
        {
        }
    }

    [AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
    public sealed class RequireComponent : Attribute
    {
        public RequireComponent(Type requiredComponent)
        {
        }
    }

    public class MonoBehaviour
    {
        public T GetComponent<T>()
        {
            throw new NotSupportedException();
        }
    }

    public class TextMesh
    {
        public string text { get; set; }
    }

    public class WaitForSecondsRealtime
    {
        public WaitForSecondsRealtime(float time)
        {
        }
    }

    public static class Application
    {
        public static string streamingAssetsPath { get; }
    }

    public static class Debug
    {
        public static void LogWarning(object message)
        {
        }
    }

    public static class Screen
    {
        public static int width { get; }

        public static int height { get; }
    }

    public struct Rect
    {
        public Rect(float x, float y, float width, float height)
        {
        }
    }

    public static class GUI
    {
        public static void Label(Rect position, string text)
        {
        }
    }
}
